import { fileURLToPath } from 'node:url';

/** Arguments of Node with which a server can be looked into. */
export const PRELOAD = Object.freeze(['--require', fileURLToPath(new URL('./preload.cjs', import.meta.url))]);

/**
 * Has a server that was started with PRELOAD carry out a task.
 * @param {import('./built-server.mjs').BuiltServer} server
 * @param {{ task: string }} message
 */
export function ask({ child }, message) {
  return new Promise((resolve) => {
    const onMessage = ({ done, result }) => {
      if (done !== message.task) return;
      child.off('message', onMessage);
      resolve(result);
    };
    child.on('message', onMessage);
    child.send(message);
  });
}
