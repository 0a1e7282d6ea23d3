package io.tidegate.server.config.document;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Turns YAML 1.2 (and so JSON) into a {@link Value} tree.
 *
 * <p>Works on parser events, not on constructed objects: no tag is acted on, duplicate keys are seen, and an alias refers
 * to its anchor's node instead of copying it. A document has at most {@value #MAX_DEPTH} levels and, aliases expanded,
 * {@value #MAX_VALUES} values.
 */
public final class YamlDocument {

    static final int MAX_DEPTH = 40;
    static final int MAX_VALUES = 100_000;

    private final String file;
    private final Problems problems;
    private final Iterator<Event> events;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private int values;

    private YamlDocument(String file, String text, Problems problems) {
        this.file = file;
        this.problems = problems;
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(Math.max(1, text.length()))
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * Reads one document.
     *
     * @param file how the user knows the file
     * @param text its content; a byte order mark in front is ignored
     * @param problems receives what is wrong: one syntax error at most, and every duplicate key
     * @return the root, or null when there is none because of a syntax error or an empty document
     */
    public static @Nullable Value parse(String file, String text, Problems problems) {
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        int unprintable = firstUnprintable(content);
        if (unprintable >= 0) {
            String found = String.format("the control character U+%04X", content.codePointAt(unprintable));
            problems.add(new Origin(file, lineOf(content, unprintable)), KeyPath.ROOT, found, "text");
            return null;
        }
        try {
            return new YamlDocument(file, content, problems).document();
        } catch (Refused e) {
            problems.add(e.origin, KeyPath.ROOT, e.found, e.expected);
        } catch (MarkedYamlEngineException e) {
            problems.add(new Origin(file, line(e.getProblemMark())), KeyPath.ROOT, syntax(e), "YAML or JSON");
        } catch (YamlEngineException e) {
            problems.add(Origin.named(file), KeyPath.ROOT, String.valueOf(e.getMessage()), "YAML or JSON");
        }
        return null;
    }

    private @Nullable Value document() throws Refused {
        events.next(); // stream start
        Event first = events.next();
        if (first.getEventId() == Event.ID.StreamEnd) {
            throw new Refused(Origin.named(file), "an empty file", "a configuration");
        }
        Value root = node((NodeEvent) events.next(), KeyPath.ROOT, 1);
        events.next(); // document end
        Event after = events.next();
        if (after.getEventId() != Event.ID.StreamEnd) {
            throw new Refused(origin(after), "a second document", "one document in a file");
        }
        if (root instanceof Value.Empty) {
            throw new Refused(Origin.named(file), "an empty file", "a configuration");
        }
        return root;
    }

    private Value node(NodeEvent event, String path, int depth) throws Refused {
        if (depth > MAX_DEPTH) {
            throw new Refused(origin(event), "more than " + MAX_DEPTH + " levels", "a map or list less deep");
        }
        count(event, 1);
        if (event instanceof AliasEvent alias) {
            return resolve(alias);
        }
        int before = values;
        Value value;
        if (event instanceof ScalarEvent scalar) {
            refuseTag(event, scalar.getTag());
            value = scalar(scalar);
        } else {
            refuseTag(event, ((CollectionStartEvent) event).getTag());
            value = event.getEventId() == Event.ID.SequenceStart
                    ? items(event, path, depth)
                    : fields(event, path, depth);
        }
        int size = 1 + values - before;
        event.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(value, size)));
        return value;
    }

    private Value scalar(ScalarEvent event) {
        String text = event.getValue();
        if (event.isPlain() && (text.isEmpty() || text.equals("~") || text.equals("null"))) {
            return new Value.Empty(origin(event));
        }
        return new Value.Text(text, true, origin(event));
    }

    private Value items(Event start, String path, int depth) throws Refused {
        List<Value> items = new ArrayList<>();
        for (Event next = events.next(); next.getEventId() != Event.ID.SequenceEnd; next = events.next()) {
            items.add(node((NodeEvent) next, KeyPath.of(path, items.size()), depth + 1));
        }
        return new Value.Items(items, origin(start));
    }

    private Value fields(Event start, String path, int depth) throws Refused {
        Map<String, Value.Field> fields = new LinkedHashMap<>();
        for (Event next = events.next(); next.getEventId() != Event.ID.MappingEnd; next = events.next()) {
            String key = key((NodeEvent) next, path, depth);
            Value value = node((NodeEvent) events.next(), KeyPath.of(path, key), depth + 1);
            Value.Field first = fields.putIfAbsent(key, new Value.Field(origin(next), value));
            if (first != null) {
                String found =
                        "a duplicate key (first in line " + first.origin().line() + ")";
                problems.add(origin(next), KeyPath.of(path, key), found, "");
            }
        }
        return new Value.Fields(Collections.unmodifiableMap(fields), origin(start));
    }

    private String key(NodeEvent event, String path, int depth) throws Refused {
        Value key = node(event, path, depth + 1);
        if (key instanceof Value.Text text) {
            return text.text();
        }
        if (key instanceof Value.Empty) {
            return event instanceof ScalarEvent scalar ? scalar.getValue() : "";
        }
        throw new Refused(origin(event), key.kind() + " as a key", "a word as a key");
    }

    private Value resolve(AliasEvent alias) throws Refused {
        Anchored anchored = anchors.get(alias.getAlias());
        if (anchored == null) {
            String name = alias.getAlias().getValue();
            throw new Refused(origin(alias), "the alias *" + name, "an anchor &" + name + " that ends before it");
        }
        count(alias, anchored.size);
        return anchored.value;
    }

    private void count(Event event, int more) throws Refused {
        values += more;
        if (values > MAX_VALUES) {
            throw new Refused(
                    origin(event), "more than " + MAX_VALUES + " values, aliases expanded", "a smaller configuration");
        }
    }

    private void refuseTag(Event event, Optional<String> tag) throws Refused {
        if (tag.isPresent()) {
            throw new Refused(origin(event), "the tag " + tag.get(), "a value without a tag");
        }
    }

    private Origin origin(Event event) {
        return new Origin(file, line(event.getStartMark()));
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(-1) + 1;
    }

    private static String syntax(MarkedYamlEngineException e) {
        String context = e.getContext() == null ? "" : e.getContext() + ", ";
        int column = e.getProblemMark().map(Mark::getColumn).orElse(0) + 1;
        return "syntax error in column " + column + ": " + context + e.getProblem();
    }

    private static int firstUnprintable(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (!StreamReader.isPrintable(text.codePointAt(i))) {
                return i;
            }
        }
        return -1;
    }

    private static int lineOf(String text, int index) {
        return 1 + (int) text.substring(0, index).chars().filter(c -> c == '\n').count();
    }

    /** An anchor's node and how many values it expands to. */
    private record Anchored(Value value, int size) {}

    /** The document is not read any further. */
    private static final class Refused extends Exception {
        private final Origin origin;
        private final String found;
        private final String expected;

        Refused(Origin origin, String found, String expected) {
            super(found, null, false, false);
            this.origin = origin;
            this.found = found;
            this.expected = expected;
        }
    }
}
