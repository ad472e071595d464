/** What is shown in place of something that could not be read. */
import type { Failure } from '../api/failure.ts';

export function Problem({ failure, onRetry }: { failure: Failure; onRetry(): void }) {
  return (
    <div class="problem" role="alert">
      <p>{failure.message}</p>
      {failure.reason !== 'missing' && failure.reason !== 'forbidden' && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
