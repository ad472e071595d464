/** Light or dark: as the system says, unless somebody chooses. Kept in this browser. */
import { useState } from 'preact/hooks';

const KEY = 'latchkey-theme';
const THEMES = { auto: 'System', light: 'Light', dark: 'Dark' } as const;
type Theme = keyof typeof THEMES;

function kept(): Theme {
  // Some browsers forbid storage.
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  } catch {
    return 'auto';
  }
}

function apply(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function keep(theme: Theme): void {
  apply(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is reloaded.
  }
}

apply(kept());

export function ThemeChoice() {
  const [theme, set] = useState(kept);
  const choose = (next: Theme) => {
    set(next);
    keep(next);
  };
  return (
    <label class="theme">
      <span>Theme</span>
      <select value={theme} onChange={(event) => choose(event.currentTarget.value as Theme)}>
        {Object.entries(THEMES).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
