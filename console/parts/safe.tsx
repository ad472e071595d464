/** Keeps an error in one part of the page from taking the rest with it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { Failure } from '../api/failure.ts';
import { Problem } from './problem.tsx';

const BROKEN = new Failure(
  'broken',
  'The console has made an error here. Try again. If it comes back, reload the page.',
);

interface SafeProps {
  /** What is shown above the sentence. */
  title: string;
  /** What is shown. When it changes, the children get another chance. */
  where: string;
  children: ComponentChildren;
}

/** Shows a sentence and "Try again" in place of children that throw while they are rendered. */
export function Safe({ title, where, children }: SafeProps) {
  const [error, reset] = useErrorBoundary((error) => console.error(error));
  useEffect(reset, [where]);
  if (error === undefined) return <>{children}</>;
  return (
    <>
      <h1>{title}</h1>
      <Problem failure={BROKEN} onRetry={reset} />
    </>
  );
}
