package io.tidegate.server;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Locks inside of Netty that BlockHound takes for blocking calls. They are short and not the gateway's; an event loop that
 * is thrown a {@code BlockingOperationError} in the middle of them loses completions or dies.
 */
public final class NettyLocks implements BlockHoundIntegration {

    /** Made by BlockHound, from the service file. */
    public NettyLocks() {}

    @Override
    public void applyTo(BlockHound.Builder builder) {
        // two loops allocate at once, and the shared allocator makes room for both
        builder.allowBlockingCallsInside(
                "io.netty.buffer.AdaptivePoolingAllocator$MagazineGroup", "tryExpandMagazines");
        // a loop that ends waits for the last wake-up on its way
        builder.allowBlockingCallsInside("io.netty.channel.uring.IoUringIoHandler", "closeWakeupGate");
    }
}
