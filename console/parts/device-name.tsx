/** A device and the meter that it reads. */
import type { ComponentChildren } from 'preact';
import type { DeviceName as Names } from '../api/access.ts';

interface DeviceNameProps extends Names {
  /** What else a phone shows here, for want of columns. */
  children?: ComponentChildren;
}

export const DeviceName = ({ deviceId, meterId, children }: DeviceNameProps) => (
  <span class="entry">
    <a href={`/console/devices/${deviceId}`}>{deviceId}</a>
    <small>{meterId === null ? 'No meter number' : <bdi>Meter {meterId}</bdi>}</small>
    {children && <span class="phone-only">{children}</span>}
  </span>
);
