package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeakRecorderTest {

    private final LeakRecorder recorder = new LeakRecorder();

    @Test
    void reportsWhatWasCollectedUnreleased() {
        leak(recorder.newResourceLeakDetector(Resource.class));

        assertThat(recorder.collect(3)).singleElement().asString().contains("Resource", "LeakRecorderTest.leak");
        assertThat(recorder.collect(3)).as("reported once").isEmpty();
    }

    @Test
    void isSilentAboutWhatWasReleased() {
        release(recorder.newResourceLeakDetector(Resource.class));

        assertThat(recorder.collect(3)).isEmpty();
    }

    @Test
    void isWhatNettyUsesInThisRun() {
        assertThat(LeakGuard.installed()).isTrue();
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    }

    private static void leak(ResourceLeakDetector<Resource> detector) {
        detector.track(new Resource());
    }

    private static void release(ResourceLeakDetector<Resource> detector) {
        Resource resource = new Resource();
        @Nullable ResourceLeakTracker<Resource> tracker = detector.track(resource);
        assertThat(tracker).isNotNull();
        tracker.close(resource);
    }

    private static final class Resource {}
}
