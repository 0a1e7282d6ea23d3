package io.tidegate.testkit;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails a test class, or at the latest the run, when a Netty buffer leaked.
 *
 * <p>As a {@link LauncherSessionListener} it puts its leak detectors in place before any test class is loaded; as a
 * Jupiter extension it looks for leaks after each test class and once more when all are done. A leak is blamed on
 * the class after which it came to light, which may be later than the one that leaked: the report says who touched the
 * buffer.
 */
public final class LeakGuard implements LauncherSessionListener, BeforeAllCallback, AfterAllCallback {

    private static final Namespace NAMESPACE = Namespace.create(LeakGuard.class);
    /** Collections of garbage, each of which takes a moment: what the first one misses comes to light after a later class. */
    private static final int AFTER_A_CLASS = 1;

    private static final int AT_THE_END = 3;

    private static final LeakRecorder RECORDER = new LeakRecorder();

    /** Made by the JUnit Platform, from the service files. */
    public LeakGuard() {}

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        install();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        install();
        context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(LeakGuard.class, key -> (AutoCloseable) () -> check(AT_THE_END), AutoCloseable.class);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        boolean nested =
                context.getParent().flatMap(ExtensionContext::getTestClass).isPresent();
        if (!nested) {
            check(AFTER_A_CLASS);
        }
    }

    /** Whether this guard's detectors are the ones Netty uses. */
    static boolean installed() {
        return ResourceLeakDetectorFactory.instance() == RECORDER;
    }

    private static synchronized void install() {
        if (!installed()) {
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
            ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(RECORDER);
        }
    }

    private static void check(int collections) {
        List<String> leaks = RECORDER.collect(collections);
        if (!leaks.isEmpty()) {
            throw new AssertionError("leaked: %d (expected: 0)%n%s".formatted(leaks.size(), String.join("\n", leaks)));
        }
    }
}
