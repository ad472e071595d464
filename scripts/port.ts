/** Ports on this machine. */
import { connect } from 'node:net';

/** In milliseconds. This machine answers at once, unless a firewall drops packets. */
const PATIENCE_MS = 2_000;

/** Whether something accepts connections on the port, even if it never answers. */
export const isTaken = (port: number) =>
  new Promise<boolean>((told) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: PATIENCE_MS });
    const tell = (taken: boolean) => () => {
      socket.destroy();
      told(taken);
    };
    socket.on('connect', tell(true));
    socket.on('timeout', tell(true));
    socket.on('error', tell(false));
  });
