// rpc-websockets: JSON-RPC 2.0, numeric ids.

import { once } from 'node:events';
import { Client } from 'rpc-websockets';
import { Watch, requests } from './watch.mjs';

export const route = { requests: { protocol: 'json-rpc' } };

export async function drive(url, number, play) {
    const watch = new Watch(number);
    const client = new Client(url, { reconnect: false });
    client.on('close', (code, reason) => watch.closed(code, reason));
    client.on('error', event => watch.fail(event.message));
    client.socket.on('message', data => {
        const message = JSON.parse(data);
        if ('id' in message) {
            watch.replied(message.id);
        }
    });
    await watch.during((async () => {
        await once(client.socket, 'open');
        await requests(play, number, 5, async asked => {
            const reply = await client.call('mirror', asked);
            watch.assertRight(asked, reply);
            play.servedBy(number, reply.boot);
        });
    })());
    client.close();
}
