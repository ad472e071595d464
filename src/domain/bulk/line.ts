/** An end user, as one line of an import or an export. */
import * as v from 'valibot';
import { atMost, future } from '../../base/text.ts';
import { readTime } from '../../base/time.ts';
import { deviceId, MAX_DEVICES, meterId } from '../entities/device.ts';
import { externalId } from '../entities/user.ts';

/** Unknown fields are refused: a line must do what it says. */
const noOther = ({ expected }: v.StrictObjectIssue): string =>
  expected === 'never' ? 'There is no such field.' : 'Must be a JSON object.';

const ending = (now: number) =>
  v.pipe(
    v.string('Must be a time in RFC 3339 format.'),
    v.transform((text) => readTime(text)),
    v.check((time) => !Number.isNaN(time), 'Must be a time such as 2026-11-23T08:30:00Z.'),
    future(now),
  );

const grants = (now: number) =>
  v.optional(
    v.pipe(
      atMost(MAX_DEVICES, `Name at most ${MAX_DEVICES} devices per line.`),
      v.array(
        v.pipe(
          v.strictObject(
            {
              deviceId: v.optional(deviceId),
              meterId: v.optional(meterId),
              expiresAt: v.nullish(ending(now)),
            },
            noOther,
          ),
          v.check(
            ({ deviceId, meterId }) => (deviceId === undefined) !== (meterId === undefined),
            'Name the device by either its deviceId or its meterId.',
          ),
        ),
      ),
    ),
    [],
  );

/**
 * The schema of a line. `expiresAt` works as in single calls. Absent: a running grant keeps its
 * end, and a new one has none. Null: no end. `suspended` absent: it stays as it is.
 */
export const importLine = (now: number) =>
  v.strictObject(
    {
      externalId,
      suspended: v.optional(v.boolean('Must be true or false.')),
      devicePermissions: grants(now),
      chargingPermissions: grants(now),
    },
    noOther,
  );
export type ImportLine = v.InferOutput<ReturnType<typeof importLine>>;

/** A permission in an export. Null: it has no end. */
export interface ExportedGrant {
  deviceId: string;
  expiresAt: string | null;
}

/** A line of an export. All fields are present, so that importing it restores everything. */
export interface ExportLine {
  externalId: string;
  suspended: boolean;
  devicePermissions: ExportedGrant[];
  chargingPermissions: ExportedGrant[];
}
