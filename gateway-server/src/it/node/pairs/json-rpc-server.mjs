import { Server } from 'rpc-websockets';
import { boot, delay, mirrored, port, ran, ready } from './serving.mjs';

const server = new Server({ host: '127.0.0.1', port, perMessageDeflate: { threshold: 200 } });
server.register('mirror', async ({ key, text }) => {
    ran(key);
    await delay();
    return { boot, key, text: mirrored(text) };
});
server.on('listening', ready);
