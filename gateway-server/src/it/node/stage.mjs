// Where a pair plays: its server, which is killed and started anew, the gateway, and the clients.

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long anything may take that should take less than a second. */
const PATIENCE_MS = 30_000;

/** The longest that a server runs on after all clients were served by it, and the longest that it is down. */
const UP_MS = 600;
const DOWN_MS = 400;

/** Says the same numbers again for the same seed. */
export function randomOf(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}

/** A free port below those that the system gives to outgoing connections, so that nobody takes it while it is unused. */
async function freePort() {
    for (let tries = 0; tries < 100; tries++) {
        const port = 15_000 + Math.floor(Math.random() * 15_000);
        const probe = createServer();
        const free = await new Promise(done => {
            probe.once('error', () => done(false));
            probe.listen(port, '127.0.0.1', () => done(true));
        });
        if (free) {
            probe.close();
            await once(probe, 'close');
            return port;
        }
    }
    throw new Error('no free port');
}

async function within(ms, what, promise) {
    const timer = new AbortController();
    const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
        throw new Error(`${what} within ${ms} ms`);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        timer.abort();
        late.catch(() => {});
    }
}

/** A server process of a pair: what it is told on its command line, and what it says, is in pairs/serving.mjs. */
class ServerProcess {
    constructor(script, port, log) {
        this.script = script;
        this.port = port;
        this.log = log;
        this.boot = -1;
    }

    async start() {
        this.boot++;
        this.process = fork(this.script, [String(this.port), String(this.boot), this.log], {
            stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        });
        const ended = once(this.process, 'exit').then(([code]) => {
            throw new Error(`the server ended by itself, exit code ${code}`);
        });
        ended.catch(() => {});
        await within(PATIENCE_MS, 'the server did not listen', Promise.race([once(this.process, 'message'), ended]));
        this.since = performance.now();
    }

    async kill() {
        if (this.process.exitCode !== null || this.process.signalCode !== null) {
            return;
        }
        const ended = once(this.process, 'exit');
        this.process.kill('SIGKILL');
        await ended;
    }

    /** How often each request ran. */
    runs() {
        const runs = new Map();
        const lines = existsSync(this.log) ? readFileSync(this.log, 'utf8').split('\n').filter(Boolean) : [];
        for (const line of lines) {
            if (line.startsWith('wrong ')) {
                throw new Error(`the server got a wrong reply: ${line.slice('wrong '.length)}`);
            }
            runs.set(line, (runs.get(line) ?? 0) + 1);
        }
        return runs;
    }
}

class GatewayProcess {
    static async start(command, configFile, logFile, port) {
        const log = openSync(logFile, 'w');
        const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEGATE_')));
        const child = spawn(command[0], [...command.slice(1), 'run', '--config', configFile], {
            stdio: ['ignore', log, log],
            env,
        });
        closeSync(log);
        const gateway = new GatewayProcess();
        gateway.process = child;
        const failed = new Promise((_, reject) => {
            child.once('error', reject);
            child.once('exit', (code, signal) => {
                if (!gateway.stopping) {
                    reject(new Error(`the gateway ended by itself (${code ?? signal}), see ${logFile}`));
                }
            });
        });
        failed.catch(() => {});
        gateway.failed = failed;
        await within(PATIENCE_MS, 'the gateway did not listen', Promise.race([listening(port), failed]));
        return gateway;
    }

    async stop() {
        this.stopping = true;
        if (this.process.exitCode !== null || this.process.signalCode !== null) {
            return;
        }
        const ended = once(this.process, 'exit');
        this.process.kill('SIGTERM');
        const forced = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(forced);
    }
}

async function listening(port) {
    for (;;) {
        const socket = connect(port, '127.0.0.1');
        try {
            await once(socket, 'connect');
            return;
        } catch {
            await sleep(50);
        } finally {
            socket.destroy();
        }
    }
}

/** The gateway's books once nothing is under way; throws if they don't balance, or something is kept or expired. */
async function checkBooks(adminPort) {
    let books;
    for (let waited = 0; waited < PATIENCE_MS; waited += 50) {
        const answer = await fetch(`http://127.0.0.1:${adminPort}/api/stats`);
        books = (await answer.json()).accounting;
        if (books.queued + books.unconfirmed === 0) {
            break;
        }
        await sleep(50);
    }
    const dropped = Object.values(books.dropped).reduce((sum, count) => sum + count, 0);
    const kept = books.delivered + books.queued + books.unconfirmed + books.expired + books.duplicate + dropped;
    if (books.accepted === 0 || kept !== books.accepted || books.queued + books.unconfirmed + books.expired > 0) {
        throw new Error(`the gateway's accounting: ${JSON.stringify(books)} (expected: all accepted, and nothing kept or expired)`);
    }
}

function config(pair, port, adminPort, serverPort) {
    return {
        listeners: [{ address: `127.0.0.1:${port}` }],
        admin: { address: `127.0.0.1:${adminPort}` },
        upstreams: {
            server: {
                endpoints: [`ws://127.0.0.1:${serverPort}`],
                retry: { firstBackoff: '20ms', maxBackoff: '200ms' },
                // One server, killed so often: its breaker must let it be tried again soon.
                breaker: { openFor: '200ms' },
            },
        },
        routes: [{ upstream: 'server', continuity: 'reconnect', ...pair.route }],
    };
}

/** What the clients tell: how far they are, and by which run of the server they were last served. */
class Play {
    constructor(clients, requests, random) {
        this.clients = clients;
        this.requests = requests;
        this.random = random;
        this.sent = 0;
        this.over = false;
        this.abandoned = false;
        this.served = new Array(clients).fill(-1);
    }

    /** Whether the clients shall go on: all kills, and then as many requests as were asked for, at the least. */
    goesOn() {
        return !this.abandoned && (!this.over || this.sent < this.requests);
    }

    /** A key for the next request, which no other has. */
    next(client) {
        return `${client}-${this.sent++}`;
    }

    servedBy(client, boot) {
        if (boot < this.served[client]) {
            throw new Error(`client ${client}: a reply of run ${boot} of the server after one of run ${this.served[client]}`);
        }
        this.served[client] = boot;
    }

    async allServedBy(boot) {
        while (this.served.some(served => served < boot) && !this.abandoned) {
            await sleep(5);
        }
    }

    /** Text of any length and look, mostly short; what compression there is has something to do. */
    text() {
        const length = this.random() < 0.8 ? this.random() * 100 : this.random() * 5_000;
        let text = '';
        while (text.length < length) {
            text += ['tide', 'gate ', 'ébb', '€', '"\\', this.random().toString(36)][Math.floor(this.random() * 6)];
        }
        return text;
    }
}

async function restarts(server, play, kills) {
    let slowest = 0;
    for (let i = 0; i <= kills; i++) {
        await within(
            PATIENCE_MS,
            `some client was not served again after kill ${i}: served by runs ${play.served}, now run ${server.boot},`,
            play.allServedBy(server.boot),
        );
        slowest = i === 0 ? 0 : Math.max(slowest, performance.now() - server.since);
        if (i < kills && !play.abandoned) {
            await sleep(play.random() * UP_MS);
            await server.kill();
            await sleep(play.random() * DOWN_MS);
            await server.start();
        }
    }
    play.over = true;
    return slowest;
}

/** Plays one pair; what came of it, in words. Throws what was wrong. */
export async function play(name, pair, { kills, requests, clients, seed, work, gateway: command }) {
    const log = join(work, `${name}.runs`);
    rmSync(log, { force: true });
    const serverPort = await freePort();
    const server = new ServerProcess(join(work, 'pairs', `${name}-server.mjs`), serverPort, log);
    const state = new Play(clients, requests, randomOf(seed));
    let gateway = null;
    let restarting = null;
    try {
        await server.start();
        let port = serverPort;
        const adminPort = command ? await freePort() : 0;
        if (command) {
            port = await freePort();
            const configFile = join(work, `${name}.json`);
            writeFileSync(configFile, JSON.stringify(config(pair, port, adminPort, serverPort), null, 2));
            gateway = await GatewayProcess.start(command, configFile, join(work, `${name}-gateway.log`), port);
        }
        restarting = restarts(server, state, kills);
        const all = Array.from({ length: clients }, (_, client) => pair.drive(`ws://127.0.0.1:${port}`, client, state));
        const [slowest, ...notes] = await within(
            10 * PATIENCE_MS,
            'the clients did not come to an end',
            Promise.race([
                Promise.all([restarting, ...all]),
                ...(gateway ? [gateway.failed] : []),
            ]),
        );
        if (command) {
            await checkBooks(adminPort);
        }
        const runs = server.runs();
        const twice = [...runs.values()].filter(times => times > 1).length;
        const never = state.sent - runs.size;
        if (never !== 0) {
            throw new Error(`${never} of ${state.sent} requests were answered but never ran`);
        }
        const extra = pair.summary ? `; ${pair.summary(notes)}` : '';
        return `${clients} clients, ${kills} kills, ${state.sent} requests, each answered once and right, ${twice} ran more`
            + ` than once${extra}; all served again at most ${Math.round(slowest)} ms after a restart`;
    } finally {
        state.abandoned = true;
        await restarting?.catch(() => {});
        await gateway?.stop();
        await server.kill();
    }
}
