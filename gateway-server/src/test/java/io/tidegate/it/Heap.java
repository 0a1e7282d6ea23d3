package io.tidegate.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is left on a process's heap when all garbage is gone.
 *
 * @param histogram the classes that take most of it, for when it is too much
 */
record Heap(long usedBytes, String histogram) {

    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)", Pattern.MULTILINE);
    private static final int SHOWN = 30;

    static Heap of(long pid) throws IOException, InterruptedException {
        // The first collection leaves what has to be finalised or cleaned, and queues it.
        jcmd(pid, "GC.run");
        jcmd(pid, "GC.run_finalization");
        // It collects once more, and counts what lives, to the byte; what the heap calls used is counted in regions.
        String histogram = jcmd(pid, "GC.class_histogram");
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IOException("no total in " + histogram);
        }
        return new Heap(
                Long.parseLong(total.group(1)),
                String.join("\n", histogram.lines().limit(SHOWN).toList()));
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(jcmd, Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("jcmd " + command + ": " + output);
        }
        return output;
    }

    @Override
    public String toString() {
        return usedBytes + " bytes\n" + histogram;
    }
}
