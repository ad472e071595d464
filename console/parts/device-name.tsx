/** A device and the meter that it reads. */
import type { DeviceName as Names } from '../api/access.ts';

export const DeviceName = ({ deviceId, meterId }: Names) => (
  <span class="entry">
    <a href={`/console/devices/${deviceId}`}>{deviceId}</a>
    <small>{meterId === null ? 'No meter number' : <bdi>Meter {meterId}</bdi>}</small>
  </span>
);
