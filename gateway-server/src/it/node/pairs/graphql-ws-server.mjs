import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { boot, delay, mirrored, port, ran, ready } from './serving.mjs';

const schema = buildSchema(`
    type Mirrored { boot: Int!, key: String!, text: String! }
    type Tick { boot: Int!, number: Int! }
    type Query { mirror(key: String!, text: String!): Mirrored! }
    type Subscription { ticks: Tick! }
`);
const roots = {
    query: {
        async mirror({ key, text }) {
            ran(key);
            await delay();
            return { boot, key, text: mirrored(text) };
        },
    },
    subscription: {
        async *ticks() {
            for (let number = 0; ; number++) {
                yield { ticks: { boot, number } };
                await sleep(10);
            }
        },
    },
};
const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: { threshold: 200 } });
useServer({ schema, roots }, server);
await once(server, 'listening');
ready();
