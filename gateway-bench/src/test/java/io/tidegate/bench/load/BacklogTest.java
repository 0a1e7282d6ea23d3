package io.tidegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BacklogTest {

    @Test
    void keepsTheOrderWhileItGrows() {
        Backlog backlog = new Backlog();
        Queue<Long> model = new ArrayDeque<>();
        Random random = new Random(3);
        for (long i = 0; i < 10_000; i++) {
            if (random.nextInt(5) < 3) {
                backlog.add(i);
                model.add(i);
            } else if (!backlog.isEmpty()) {
                assertThat(backlog.take()).isEqualTo(model.remove());
            }
            assertThat(backlog.size()).isEqualTo(model.size());
        }
    }
}
