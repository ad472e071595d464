/** The frame of the pages for guests. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../parts/icons.tsx';
import { notFirst } from '../../parts/page.tsx';

export function Door({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    notFirst();
    document.title = `${title} · Latchkey`;
    if (document.activeElement === document.body) heading.current?.focus();
  }, [title]);
  return (
    <main class="door">
      <p class="brand">
        <Icon name="latchkey" /> Latchkey
      </p>
      <div class="card">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
    </main>
  );
}
