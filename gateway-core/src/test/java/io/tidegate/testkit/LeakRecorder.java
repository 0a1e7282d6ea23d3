package io.tidegate.testkit;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Makes Netty's leak detectors, and keeps what they report.
 *
 * <p>Netty notices a leak only when the leaked object was collected <em>and</em> the same detector is asked to track
 * another object. {@link #collect()} brings about both.
 *
 * <p>Threads: any.
 */
final class LeakRecorder extends ResourceLeakDetectorFactory {

    private static final long COLLECTION_PAUSE_MILLIS = 20;

    private final Queue<ResourceLeakDetector<?>> detectors = new ConcurrentLinkedQueue<>();
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // Netty's signature: nobody here calls it
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
            Class<T> resource, int samplingInterval, long maxActive) {
        return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
        ResourceLeakDetector<T> detector = new Detector<>(resource, samplingInterval, leaks);
        detectors.add(detector);
        return detector;
    }

    /** Collects garbage so often, and returns the reports of all leaks that came to light since the last call. */
    List<String> collect(int collections) {
        for (int i = 0; i < collections; i++) {
            System.gc();
            pause();
            detectors.forEach(LeakRecorder::probe);
        }
        List<String> found = new ArrayList<>();
        for (String leak = leaks.poll(); leak != null; leak = leaks.poll()) {
            found.add(leak);
        }
        return found;
    }

    /** Has the detector look at what was collected: it does so whenever it begins to track an object. */
    @SuppressWarnings("unchecked")
    private static void probe(ResourceLeakDetector<?> detector) {
        Object probe = new Object();
        ResourceLeakTracker<Object> tracker = ((ResourceLeakDetector<Object>) detector).track(probe);
        if (tracker != null) {
            tracker.close(probe);
        }
    }

    /** References reach their queue a little after the collection. */
    private static void pause() {
        try {
            Thread.sleep(COLLECTION_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Detector<T> extends ResourceLeakDetector<T> {

        private final Queue<String> leaks;

        @SuppressWarnings("deprecation") // the factory is the way, and this is the factory
        Detector(Class<?> resource, int samplingInterval, Queue<String> leaks) {
            super(resource, samplingInterval);
            this.leaks = Objects.requireNonNull(leaks, "leaks");
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            leaks.add(resourceType + " was not released before it was garbage-collected." + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            leaks.add(resourceType + " was not released before it was garbage-collected (no trace).");
        }
    }
}
