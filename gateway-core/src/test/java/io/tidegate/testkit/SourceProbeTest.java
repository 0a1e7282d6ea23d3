package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import org.junit.jupiter.api.Test;

class SourceProbeTest {

    private final SourceProbe source = new SourceProbe();

    @Test
    void namesBuffersThatNobodyReleased() {
        source.numbered(7).release();
        source.numbered(8);

        assertThat(source.unreleased()).containsExactly(1);
    }

    @Test
    void namesBuffersThatWereReleasedTwiceWhoeverCaughtIt() {
        ByteBuf buffer = source.numbered(7);
        buffer.release();

        assertThatThrownBy(buffer::release).isInstanceOf(IllegalReferenceCountException.class);

        assertThat(source.unreleased()).containsExactly(0);
    }
}
