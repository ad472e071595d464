/** Styles that a script imports: the bundler puts them into a file of their own. */
declare module '*.css';
