// graphql-ws: graphql-transport-ws, queries and a subscription that never ends.

import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Watch, requests } from './watch.mjs';

export const route = { requests: { protocol: 'graphql-transport-ws' } };

const QUERY = 'query ($key: String!, $text: String!) { mirror(key: $key, text: $text) { boot key text } }';

export async function drive(url, number, play) {
    const watch = new Watch(number);
    const events = { ticks: 0, runs: 0, twice: 0 };
    let acknowledged = 0;
    const client = createClient({
        url,
        webSocketImpl: WebSocket,
        lazy: false,
        retryAttempts: 0,
        keepAlive: 200,
        onNonLazyError: error => watch.fail(String(error.message ?? error.reason ?? error)),
        on: {
            closed: ({ code, reason }) => watch.closed(code, reason),
            error: error => watch.fail(String(error.message ?? error)),
            message: ({ id, type }) => {
                if (type === 'complete' || type === 'error') {
                    watch.replied(id);
                } else if (type === 'connection_ack' && ++acknowledged > 1) {
                    watch.fail('a second connection_ack');
                }
            },
        },
    });
    let last = { boot: -1, number: -1 };
    const unsubscribe = client.subscribe(
        { query: 'subscription { ticks { boot number } }' },
        {
            next({ data: { ticks } }) {
                const follows = ticks.boot === last.boot && ticks.number === last.number + 1;
                const starts = ticks.boot > last.boot && ticks.number === 0;
                if (!follows && !starts) {
                    watch.fail(`event ${JSON.stringify(ticks)} after ${JSON.stringify(last)}`);
                }
                events.ticks++;
                events.runs += starts ? 1 : 0;
                last = ticks;
            },
            error: error => watch.fail(`the subscription failed: ${JSON.stringify(error)}`),
            complete: () => watch.fail('the subscription ended'),
        },
    );
    await watch.during((async () => {
        await requests(play, number, 3, async asked => {
            const results = await query(client, asked);
            assert(results.length > 0, `client ${number}: completed without a result`);
            results.forEach(reply => watch.assertRight(asked, reply));
            // Killed between a result and its end, a server runs the query again.
            events.twice += results.length - 1;
            const { boot } = results.at(-1);
            while (last.boot < boot && !play.abandoned) {
                await new Promise(done => setTimeout(done, 5));
            }
            play.servedBy(number, boot);
        });
    })());
    unsubscribe();
    await client.dispose();
    return events;
}

function query(client, variables) {
    return new Promise((resolve, reject) => {
        const results = [];
        client.subscribe(
            { query: QUERY, variables },
            {
                next: ({ data, errors }) => (errors ? reject(new Error(JSON.stringify(errors))) : results.push(data.mirror)),
                error: error => reject(new Error(JSON.stringify(error))),
                complete: () => resolve(results),
            },
        );
    });
}

export function summary(events) {
    const sum = name => events.reduce((total, each) => total + each[name], 0);
    return `${sum('ticks')} subscription events without a gap within each of ${sum('runs')} runs,`
        + ` ${sum('twice')} results came again before their end`;
}
