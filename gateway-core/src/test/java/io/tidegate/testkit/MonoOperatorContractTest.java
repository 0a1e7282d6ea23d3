package io.tidegate.testkit;

import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Mono;

/** Reactor's own operators keep the contract. */
class MonoOperatorContractTest extends MonoOperatorContract {

    @Override
    protected Mono<ByteBuf> apply(Mono<ByteBuf> upstream) {
        return upstream.filter(ByteBuf::isReadable);
    }

    @Override
    protected void assertHoldsNothing() {}
}
