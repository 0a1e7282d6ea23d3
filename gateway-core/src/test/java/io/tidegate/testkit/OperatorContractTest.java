package io.tidegate.testkit;

import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;

/** Reactor's own operators keep the contract: what it asks for is what the field means by an operator. */
class OperatorContractTest extends OperatorContract {

    @Override
    protected Flux<ByteBuf> apply(Flux<ByteBuf> upstream) {
        return upstream.filter(ByteBuf::isReadable);
    }

    @Override
    protected void assertHoldsNothing() {}
}
