/**
 * Bars that show how much of something is used or done. The words beside them say it too. The
 * elements that browsers draw differ too much: they are for screen readers alone.
 */

/** In percent. What is there at all can be seen. */
const shareOf = (value: number, most: number): number => {
  if (value <= 0) return 0;
  return most <= 0 ? 100 : Math.min(100, Math.max(0.6, (value / most) * 100));
};

const toneOf = (share: number): string => {
  if (share >= 100) return 'bar full';
  return share >= 80 ? 'bar high' : 'bar';
};

interface BarProps {
  /** What is measured, for screen readers: "Devices". */
  label: string;
  value: number;
  most: number;
}

/** How much of a limit is used. */
export function Bar({ label, value, most }: BarProps) {
  const share = shareOf(value, most);
  return (
    <div class={toneOf(share)}>
      <meter class="quiet" aria-label={label} value={value} max={Math.max(most, 1)} />
      <span style={{ width: `${share}%` }} />
    </div>
  );
}

interface ProgressProps {
  label: string;
  done: number;
  of: number;
}

/** How far a long task is. */
export const Progress = ({ label, done, of }: ProgressProps) => (
  <div class="bar">
    <progress class="quiet" aria-label={label} value={done} max={Math.max(of, 1)} />
    <span style={{ width: `${of === 0 ? 0 : shareOf(done, of)}%` }} />
  </div>
);
