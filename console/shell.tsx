/** The navigation and the screen that is open. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { failureOf } from './api/failure.ts';
import { CompanyName } from './company-name.tsx';
import { OpenScreen } from './open-screen.tsx';
import { Empty } from './parts/empty.tsx';
import { Icon } from './parts/icons.tsx';
import { useNotice } from './parts/notices.tsx';
import { Page } from './parts/page.tsx';
import { ThemeChoice } from './parts/theme.tsx';
import { type Screen, screens, screensOf } from './screens.ts';
import { type Person, signOut, useSession } from './session.tsx';

function SignOut() {
  const { leave } = useSession();
  const say = useNotice();
  const [busy, setBusy] = useState(false);
  const out = async () => {
    setBusy(true);
    try {
      const left = await signOut();
      if (left) say(left);
      leave();
    } catch (thrown) {
      setBusy(false);
      say(failureOf(thrown).message);
    }
  };
  return (
    <button type="button" class="plain" disabled={busy} onClick={out}>
      <Icon name="leave" /> Sign out
    </button>
  );
}

function Who({ person }: { person: Person }) {
  const level = person.kind === 'member' ? `Level ${person.level}` : 'Runs this service';
  return (
    <div class="who">
      <p>
        <bdi>{person.name}</bdi>
        <small>{level}</small>
      </p>
      <ThemeChoice />
      <SignOut />
    </div>
  );
}

interface NavigationProps {
  screens: Screen[];
  current: string;
  person: Person;
}

/** At the left of a desk; behind a button on a phone. */
function Navigation({ screens: mine, current, person }: NavigationProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { url } = useLocation();
  useEffect(() => setOpen(false), [url]);
  useEffect(() => {
    if (!isOpen) return;
    const close = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [isOpen]);
  return (
    <header class={isOpen ? 'side open' : 'side'}>
      <div class="brand">
        <a href="/console">
          <Icon name="latchkey" /> Latchkey
        </a>
        <button
          ref={button}
          type="button"
          class="plain icon menu-button"
          aria-label="Menu"
          aria-expanded={isOpen}
          aria-controls="menu"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="menu" />
        </button>
      </div>
      <div class="menu" id="menu">
        {person.kind === 'member' && <CompanyName />}
        <nav aria-label="Screens">
          <ul>
            {mine.map(({ name, path, icon }) => (
              <li key={path}>
                <a
                  href={`/console/${path}`}
                  aria-current={path === current ? 'page' : undefined}
                  onClick={() => setOpen(false)}
                >
                  <Icon name={icon} /> {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Who person={person} />
      </div>
    </header>
  );
}

/** Who may open a screen, for those who may not. */
const openTo = ({ for: who }: Screen): string => {
  if (who === 'operator') return 'It is for the operator of this service.';
  const levels = who === 1 ? 'level 1' : `levels 1 to ${who}`;
  return `It is for members of ${levels}. Ask one of them.`;
};

function Nowhere({ path }: { path: string }) {
  const screen = screens.find((one) => one.path === path);
  return (
    <Page title={screen ? screen.name : 'Not found'}>
      <Empty title={screen ? 'This screen is not for you.' : 'There is nothing here.'}>
        <p>{screen ? openTo(screen) : 'The link is wrong.'}</p>
        <a href="/console">Go to the start</a>
      </Empty>
    </Page>
  );
}

/** A part of the path. A link that somebody mangled names nothing, as the screen then says. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function Shell({ person }: { person: Person }) {
  const { path, route } = useLocation();
  const [, , current = '', ...rest] = path.split('/');
  const mine = screensOf(person);
  const [first] = mine;
  useEffect(() => {
    if (current === '' && first) route(`/console/${first.path}`, true);
  }, [current]);
  // A level that drops takes the link at once, but not what is being written on an open screen.
  const opened = useRef<Screen | undefined>(undefined);
  const screen = mine.find((one) => one.path === current);
  if (screen || opened.current?.path !== current) opened.current = screen;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Navigation screens={mine} current={current} person={person} />
      <main id="main" tabIndex={-1}>
        {opened.current ? (
          <OpenScreen key={current} screen={opened.current} rest={rest.map(decoded)} />
        ) : (
          current !== '' && <Nowhere key={current} path={current} />
        )}
      </main>
    </>
  );
}
