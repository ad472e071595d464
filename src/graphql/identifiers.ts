/** Inputs by which clients name users and devices. */
import { builder } from './builder.ts';

const ExternalUserInput = builder.inputType('ExternalUserInput', {
  description: 'An end user, by your own id for them.',
  fields: (t) => ({
    externalId: t.string({
      required: true,
      description:
        'Your id for the user: 1 to 255 characters without control characters, compared exactly.',
    }),
  }),
});

const CompanyUserInput = builder.inputType('CompanyUserInput', {
  description: 'A member of your company, who signs in with e-mail and password.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The member’s id.' }),
    email: t.string({
      description:
        'The member’s e-mail address, in any letter case, with the domain in Unicode or ASCII.',
    }),
  }),
});

export const UserIdentifierInput = builder.inputType('UserIdentifierInput', {
  description: 'Names one user, in exactly one way.',
  isOneOf: true,
  fields: (t) => ({
    externalUser: t.field({ type: ExternalUserInput, description: 'An end user.' }),
    companyUser: t.field({ type: CompanyUserInput, description: 'A member of your company.' }),
  }),
});

export const DeviceIdentifierInput = builder.inputType('DeviceIdentifierInput', {
  description: 'Names one device, in exactly one way.',
  isOneOf: true,
  fields: (t) => ({
    deviceId: t.string({ description: 'The device’s id: eight letters or digits, case matters.' }),
    meterId: t.string({
      description:
        'The serial number of the power meter that the device reads: 1 to 64 printable ASCII ' +
        'characters.',
    }),
  }),
});

/** An argument or a field of an input that names a user … */
export const namesUser = (description: string) =>
  ({ type: UserIdentifierInput, required: true, description }) as const;

export interface NamingUser {
  userIdentifier: { companyUser?: unknown };
}

/** … and whether that is a member. */
export const namesMember = ({ userIdentifier }: NamingUser): boolean =>
  userIdentifier.companyUser != null;

/** One that names a device. */
export const namesDevice = (description: string) =>
  ({ type: DeviceIdentifierInput, required: true, description }) as const;

/** One that names devices. */
export const namesDevices = (description: string) => ({
  type: [DeviceIdentifierInput] as [typeof DeviceIdentifierInput],
  required: true as const,
  description,
});
