/** The frame of a screen: its heading gets the focus when somebody comes to it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface PageProps {
  title: string;
  /** Links to what this screen is part of. */
  trail?: readonly (readonly [href: string, name: string])[];
  /** Beside the heading: badges. */
  badges?: ComponentChildren;
  /** Under the heading, in a sentence. */
  about?: ComponentChildren;
  /** At the right of the heading: buttons. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** The first screen after the page was loaded leaves the focus where browsers put it. */
let isFirst = true;

/** Something else was shown before the first screen: then its heading gets the focus too. */
export function notFirst(): void {
  isFirst = false;
}

export function Page({ title, trail, badges, about, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
  return (
    <>
      <header class="page-head">
        {trail && (
          <nav class="trail" aria-label="Breadcrumb">
            {trail.map(([href, name]) => (
              <a key={href} href={href} aria-label={`Back to ${name}`}>
                <bdi>{name}</bdi>
              </a>
            ))}
          </nav>
        )}
        <div class="page-title">
          <h1 ref={heading} tabIndex={-1}>
            <bdi>{title}</bdi>
          </h1>
          {badges}
        </div>
        {about && <p class="page-about">{about}</p>}
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  title: string;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A part of a screen under a heading of its own. */
export function Section({ title, about, actions, children }: SectionProps) {
  return (
    <section class="card">
      <header class="card-head">
        <h2>{title}</h2>
        {actions && <div class="card-actions">{actions}</div>}
        {about && <p>{about}</p>}
      </header>
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
