package io.tidegate.testkit;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;

/**
 * Has BlockHound watch the event loops of each test.
 *
 * <p>Not by {@code blockhound-junit-platform}: that instruments any JVM that looks for tests, and with several forks Maven's own
 * is one.
 */
public final class BlockHoundGuard implements BeforeAllCallback {

    /** Made by the JUnit Platform, from the service file. */
    public BlockHoundGuard() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        BlockHound.install();
    }
}
