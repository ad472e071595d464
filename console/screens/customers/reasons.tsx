/** Why access is allowed or refused, in sentences that say where it comes from and what helps. */
import type { ComponentChildren } from 'preact';
import type { DeviceName, PermissionKind } from '../../api/access.ts';
import { Time } from '../../parts/time.tsx';

export type Reason =
  | ('GRANTED' | 'OTHER_PERMISSION' | 'NOT_GRANTED' | 'ENDED' | 'WITHDRAWN')
  | ('SUSPENDED' | 'UNKNOWN_DEVICE' | 'UNKNOWN_USER');

export interface Answer {
  deviceId: string | null;
  meterId: string | null;
  granted: boolean;
  reason: Reason;
  expiresAt: string | null;
  endedAt: string | null;
}

const TO: Record<PermissionKind, string> = {
  VIEW: 'see the readings',
  CHARGE: 'control charging',
};

const OTHER = { VIEW: 'CHARGE', CHARGE: 'VIEW' } as const;

interface Asked {
  answer: Answer;
  kind: PermissionKind;
  device: ComponentChildren;
}

const When = ({ at }: { at: string | null }) =>
  at ? (
    <>
      on <Time at={at} />
    </>
  ) : (
    <>lately</>
  );

const SENTENCES: Record<Reason, (asked: Asked) => ComponentChildren> = {
  GRANTED: ({ answer: { expiresAt }, kind, device }) => (
    <>
      The customer may {TO[kind]} of {device}: it was granted as a permission,{' '}
      {expiresAt ? (
        <>
          which ends on <Time at={expiresAt} />
        </>
      ) : (
        'without an end'
      )}
      .
    </>
  ),
  OTHER_PERMISSION: ({ kind, device }) => (
    <>
      The customer has a permission on {device}, but only to {TO[OTHER[kind]]}. One does not bring
      the other: grant it as well.
    </>
  ),
  NOT_GRANTED: ({ device }) => (
    <>
      Access comes from a permission alone, and the customer has none on {device}. Nothing says that
      there was one lately. If there should be one, choose “Grant”.
    </>
  ),
  ENDED: ({ answer: { endedAt }, device }) => (
    <>
      The customer had this permission on {device}. It had an end, and ran out <When at={endedAt} />
      . Grant it again with a later end, or with none.
    </>
  ),
  WITHDRAWN: ({ answer: { endedAt }, device }) => (
    <>
      The customer had this permission on {device}. Somebody withdrew it <When at={endedAt} />.
      Grant it again if that was a mistake.
    </>
  ),
  SUSPENDED: () => <>The customer is suspended. Permissions count again after “Unsuspend”.</>,
  UNKNOWN_DEVICE: ({ device }) => (
    <>
      Your company has no device and no meter {device}. Check each letter and digit: capital and
      small letters differ.
    </>
  ),
  UNKNOWN_USER: () => <>There is no customer with this ID any more.</>,
};

/** What was found, or what was typed if nothing was. */
function deviceWords({
  deviceId,
  meterId,
}: Omit<DeviceName, 'deviceId'> & Pick<Answer, 'deviceId'>) {
  if (deviceId === null) return undefined;
  return (
    <>
      device {deviceId}
      {meterId !== null && (
        <>
          {' '}
          (meter <bdi>{meterId}</bdi>)
        </>
      )}
    </>
  );
}

export function answerWords(answer: Answer, kind: PermissionKind, text: string) {
  const typed = <bdi class="typed">{text}</bdi>;
  const isKnown = answer.reason !== 'UNKNOWN_DEVICE';
  const device = (isKnown && deviceWords(answer)) || typed;
  return SENTENCES[answer.reason]({ answer, kind, device });
}
