/** The console: the page's only script. */
import './style/main.css';
import { render } from 'preact';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root) render(<App />, root);
