/** A button that does something at once, and says how it went. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { failureOf } from '../api/failure.ts';
import { useNotice } from './notices.tsx';

interface ActProps {
  /** What it does. What it returns is said; what it throws is said as well. */
  onAct(): Promise<string | undefined>;
  /**
   * Says what was thrown, and nothing once it begins: in a dialog, which notices lie behind. Left
   * out: a notice says it.
   */
  onFailure?: ((sentence: string) => void) | undefined;
  acting?: string;
  small?: boolean;
  warns?: boolean;
  primary?: boolean;
  /** The whole name, where the text alone could stand for several. */
  label?: string;
  children: ComponentChildren;
}

export function Act(props: ActProps) {
  const { onAct, onFailure, acting, small, warns, primary, label, children } = props;
  const say = useNotice();
  const [busy, setBusy] = useState(false);
  const isActing = useRef(false);
  const act = async () => {
    if (isActing.current) return;
    isActing.current = true;
    setBusy(true);
    onFailure?.('');
    try {
      const said = await onAct();
      if (said) say(said);
    } catch (thrown) {
      const failure = failureOf(thrown);
      (onFailure ?? say)(Object.values(failure.fields)[0] ?? failure.message);
    }
    isActing.current = false;
    setBusy(false);
  };
  return (
    <button
      type="button"
      class={Object.entries({ small, warns, primary })
        .flatMap(([name, is]) => (is ? name : []))
        .join(' ')}
      disabled={busy}
      aria-label={busy ? undefined : label}
      onClick={act}
    >
      {busy && acting ? acting : children}
    </button>
  );
}
