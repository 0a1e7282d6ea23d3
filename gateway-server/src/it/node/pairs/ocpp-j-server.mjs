import { RPCServer } from 'ocpp-rpc';
import { boot, delay, gotWrongReply, mirrored, port, ran, ready } from './serving.mjs';

const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });
server.on('client', client => {
    client.handle('DataTransfer', async ({ params }) => {
        const { key, text } = JSON.parse(params.data);
        ran(key);
        await delay();
        return { status: 'Accepted', data: JSON.stringify({ boot, key, text: mirrored(text) }) };
    });
    void callBack(client);
});
await server.listen(port, '127.0.0.1');
ready();

/** In OCPP the server calls, too. */
async function callBack(client) {
    for (let i = 0; ; i++) {
        const asked = `${boot}-${i}`;
        try {
            const { data } = await client.call('DataTransfer', { vendorId: 'tidegate', data: asked });
            if (data !== mirrored(asked)) {
                gotWrongReply(`${data} to ${asked}`);
            }
        } catch {
            return; // the client went
        }
        await delay();
    }
}
