/** The console's entry. */
import { render } from 'preact';

const root = document.getElementById('root');
if (root) render(<h1>Latchkey</h1>, root);
