/** "Download NDJSON": all events that fit the filters, one a line, the oldest first. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf } from '../../api/failure.ts';
import { useNotice } from '../../parts/notices.tsx';
import { saveFile } from '../../parts/save-file.ts';
import type { Filters } from './events.ts';
import { readFeed } from './feed.ts';

const nameOfFile = () => `activity-${new Date().toISOString().slice(0, 10)}.ndjson`;

const COUNT = new Intl.NumberFormat();

export function Download({ filters }: { filters: Filters }) {
  const [count, setCount] = useState<number>();
  const aborter = useRef<AbortController>(undefined);
  const say = useNotice();
  useEffect(() => () => aborter.current?.abort(), []);
  const stop = () => {
    aborter.current?.abort();
    setCount(undefined);
  };
  const download = async () => {
    const current = new AbortController();
    const { signal } = current;
    aborter.current = current;
    const lines: string[] = [];
    setCount(0);
    try {
      for await (const events of readFeed(filters, signal)) {
        for (const event of events) lines.push(`${JSON.stringify(event)}\n`);
        setCount(lines.length);
      }
      saveFile(nameOfFile(), 'application/x-ndjson', lines);
      say(`${COUNT.format(lines.length)} events are downloaded.`);
    } catch (thrown) {
      if (signal.aborted) return;
      say(failureOf(thrown).message);
    }
    setCount(undefined);
  };
  if (count === undefined) {
    return (
      <button type="button" onClick={download}>
        Download NDJSON
      </button>
    );
  }
  return (
    <>
      <p class="soft" role="status">
        {COUNT.format(count)} events …
      </p>
      <button type="button" onClick={stop}>
        Stop
      </button>
    </>
  );
}
