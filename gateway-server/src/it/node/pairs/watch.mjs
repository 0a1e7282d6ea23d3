// What the clients have in common.

import assert from 'node:assert/strict';

/** Looks at one client's connection: fails it when it closes, or when a second reply to one request comes. */
export class Watch {
    #replied = new Set();
    #fail;
    #failed = new Promise((_, reject) => {
        this.#fail = reject;
    });

    constructor(client) {
        this.client = client;
        this.finished = false;
        this.#failed.catch(() => {});
    }

    fail(what) {
        if (!this.finished) {
            this.#fail(new Error(`client ${this.client}: ${what}`));
        }
    }

    closed(code, reason) {
        this.fail(`its connection was closed (${code} ${reason ?? ''})`);
    }

    /** A reply as it came over the wire: a library would silently drop a second one. */
    replied(id) {
        if (this.#replied.has(id)) {
            this.fail(`a second reply to request ${id}`);
        }
        this.#replied.add(id);
    }

    /** What `work` brings, unless something fails before. From its end on, the connection may close. */
    async during(work) {
        try {
            return await Promise.race([this.#failed, work]);
        } finally {
            this.finished = true;
        }
    }

    assertRight(asked, reply) {
        assert.equal(reply.key, asked.key, `client ${this.client}: the reply to another request`);
        assert.equal(reply.text, [...asked.text].reverse().join(''), `client ${this.client}: a wrong reply`);
    }
}

/** Sends requests, `parallel` at a time, as long as the play goes on. */
export function requests(play, client, parallel, ask) {
    const one = async () => {
        while (play.goesOn()) {
            await ask({ key: play.next(client), text: play.text() });
        }
    };
    return Promise.all(Array.from({ length: parallel }, one));
}
