/** Ports of this machine. */
import { connect } from 'node:net';

/** In milliseconds. A machine answers itself at once, unless a firewall keeps silent. */
const PATIENCE_MS = 2_000;

/** Whether something takes connections at the port, even if it never answers them. */
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
