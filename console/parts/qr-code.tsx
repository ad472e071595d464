/** A text as a QR code (ISO/IEC 18004), dark on light whatever the theme. */
import { useEffect, useState } from 'preact/hooks';

/** How wide the light frame is that the standard asks for, in modules. */
const QUIET = 4;

/** The dark modules of each row, as lines of a path. A run of modules is one line. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      row.flatMap((dark, x) => {
        if (!dark || row[x - 1]) return [];
        const end = row.indexOf(false, x);
        return `M${x} ${y}h${(end < 0 ? row.length : end) - x}v1H${x}z`;
      }),
    )
    .join('');
}

interface Picture {
  size: number;
  path: string;
}

/** Draws it. The code that does so comes when it is needed. */
async function draw(text: string): Promise<Picture> {
  const { encode } = await import('uqr');
  const { size, data } = encode(text, { ecc: 'M', border: QUIET });
  return { size, path: pathOf(data) };
}

/** `label` says what it holds and what to do with it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [picture, show] = useState<Picture | 'missing'>();
  useEffect(() => {
    draw(text).then(show, () => show('missing'));
  }, [text]);
  if (picture === 'missing')
    return <p class="warning">The picture could not be fetched. Enter the secret below instead.</p>;
  const size = picture?.size ?? 1;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      aria-busy={!picture}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <path d={picture?.path ?? ''} fill="#000" stroke="none" />
    </svg>
  );
}
