package io.tidegate.frame;

import io.tidegate.testkit.WireFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes valid frame sequences: messages whole and in fragments, control frames in between, lengths at every border. */
final class RandomFrames {

    private static final int[] LENGTHS = {0, 1, 2, 7, 124, 125, 126, 127, 128, 300, 1000};

    private final Random random;
    private final Sender sender;

    RandomFrames(Random random, Sender sender) {
        this.random = random;
        this.sender = sender;
    }

    /** A sequence of small frames; with {@code large}, also some around 64 KiB and around the largest that is kept whole. */
    List<WireFrame> next(int messages, boolean large) {
        List<WireFrame> frames = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            int fragments = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
            int opcode = random.nextBoolean() ? WireFrame.TEXT : WireFrame.BINARY;
            for (int j = 0; j < fragments; j++) {
                frames.add(data(j == 0 ? opcode : WireFrame.CONTINUATION, large).fragment());
                controls(frames);
            }
            frames.add(data(fragments == 0 ? opcode : WireFrame.CONTINUATION, large));
            controls(frames);
        }
        return frames;
    }

    WireFrame close() {
        return masked(
                random.nextInt(4) == 0 ? WireFrame.of(WireFrame.CLOSE, 0) : WireFrame.close(1000, "so long, señor"));
    }

    private WireFrame data(int opcode, boolean large) {
        int length = LENGTHS[random.nextInt(LENGTHS.length)];
        if (large && random.nextInt(3) == 0) {
            length = switch (random.nextInt(4)) {
                case 0 -> FrameAssembler.WHOLE_FRAME_BYTES - 10 + random.nextInt(20);
                case 1 -> 65_533 + random.nextInt(6);
                case 2 -> 1 + random.nextInt(FrameAssembler.WHOLE_FRAME_BYTES);
                default -> 100_000;
            };
        }
        return masked(WireFrame.of(opcode, payload(length)));
    }

    private void controls(List<WireFrame> frames) {
        while (random.nextInt(4) == 0) {
            frames.add(masked(WireFrame.of(
                    random.nextBoolean() ? WireFrame.PING : WireFrame.PONG, payload(random.nextInt(126)))));
        }
    }

    private WireFrame masked(WireFrame frame) {
        return sender == Sender.CLIENT ? frame.masked(random.nextInt()) : frame;
    }

    private byte[] payload(int length) {
        byte[] payload = new byte[length];
        random.nextBytes(payload);
        return payload;
    }
}
