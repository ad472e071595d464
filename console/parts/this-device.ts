/** What a passkey of this device may be called, such as "Firefox on Windows". */
import { clientOf } from '../../src/base/client.ts';

export const thisDevice = (): string => clientOf(navigator.userAgent) ?? 'This device';
