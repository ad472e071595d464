/** A word about a state. The word says it: the colour only repeats it. */
import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'plain' | 'warn' | 'bad';

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
