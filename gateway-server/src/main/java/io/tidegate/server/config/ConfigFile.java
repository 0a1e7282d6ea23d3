package io.tidegate.server.config;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Gets the text of a file, or says in one line why not. */
final class ConfigFile {

    /** In bytes. Thousands of routes fit. */
    static final int LARGEST = 1 << 20;

    private ConfigFile() {}

    static @Nullable String read(Path file, Problems problems) {
        Origin origin = Origin.named(file.toString());
        if (Files.isDirectory(file)) {
            problems.add(origin, KeyPath.ROOT, "a directory", "a file");
            return null;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                problems.add(origin, KeyPath.ROOT, "more than 1 MiB", "at most 1 MiB");
                return null;
            }
            return decode(file, bytes, problems);
        } catch (NoSuchFileException e) {
            problems.add(origin, KeyPath.ROOT, "there is no such file", "");
        } catch (AccessDeniedException e) {
            problems.add(origin, KeyPath.ROOT, "may not be read by this user", "");
        } catch (IOException e) {
            problems.add(origin, KeyPath.ROOT, "cannot be read: " + e.getMessage(), "");
        }
        return null;
    }

    private static @Nullable String decode(Path file, byte[] bytes, Problems problems) {
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes), text, true);
        text.flip();
        if (result.isError()) {
            int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
            problems.add(new Origin(file.toString(), line), KeyPath.ROOT, "bytes that are not UTF-8", "text in UTF-8");
            return null;
        }
        return text.toString();
    }
}
