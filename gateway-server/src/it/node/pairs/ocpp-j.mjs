// ocpp-rpc: OCPP-J 1.6, checked against its schemas by both sides; both sides call.

import { RPCClient } from 'ocpp-rpc';
import { Watch, requests } from './watch.mjs';

export const route = { requests: { protocol: 'ocpp-j' } };

const RESULT = 3;
const ERROR = 4;

export async function drive(url, number, play) {
    const watch = new Watch(number);
    const client = new RPCClient({
        endpoint: url,
        identity: `CP${number}`,
        protocols: ['ocpp1.6'],
        strictMode: true,
        reconnect: false,
        pingIntervalMs: 1_000,
    });
    let called = 0;
    client.handle('DataTransfer', ({ params }) => {
        called++;
        return { status: 'Accepted', data: [...params.data].reverse().join('') };
    });
    client.on('disconnect', ({ code, reason }) => watch.closed(code, reason));
    client.on('close', ({ code, reason }) => watch.closed(code, reason));
    client.on('badMessage', ({ error }) => watch.fail(`a bad message: ${error.message}`));
    client.on('strictValidationFailure', ({ error }) => watch.fail(`against the schema: ${error.message}`));
    client.on('message', ({ message, outbound }) => {
        const [type, id] = JSON.parse(message);
        if (!outbound && (type === RESULT || type === ERROR)) {
            watch.replied(id);
        }
    });
    await watch.during((async () => {
        await client.connect();
        // One call at a time is OCPP's rule, and the client's default.
        await requests(play, number, 2, async asked => {
            const { data } = await client.call('DataTransfer', { vendorId: 'tidegate', data: JSON.stringify(asked) });
            const reply = JSON.parse(data);
            watch.assertRight(asked, reply);
            play.servedBy(number, reply.boot);
        });
    })());
    await client.close();
    return called;
}

export function summary(called) {
    return `${called.reduce((sum, each) => sum + each)} calls of the server answered`;
}
