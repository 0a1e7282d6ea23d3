package io.tidegate.server.config.key;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A configuration as YAML with all that holds: what was written, variables put in, defaults where nothing was, and secrets hidden.
 * Read back, it means the same but for those.
 */
public final class InForce {

    /** Texts that YAML takes for themselves, without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/][A-Za-z0-9._/:%+-]*");

    private static final Origin NOWHERE = Origin.named("defaults");

    private final StringBuilder yaml = new StringBuilder();
    private final Binding binding;

    private InForce(Binding binding) {
        this.binding = binding;
    }

    /**
     * Writes it.
     *
     * @param root what {@code shape} takes without a problem
     */
    public static String yaml(Group<?> shape, Value root, Binding binding) {
        InForce writer = new InForce(binding);
        writer.group(shape, (Value.Fields) root, "");
        return writer.yaml.toString();
    }

    private void group(Group<?> group, Value.Fields fields, String indent) {
        Map<String, Object> values = new HashMap<>();
        for (Key<?> key : group.keys()) {
            put(key, fields, values);
        }
        for (Key<?> key : group.keys()) {
            Value.Field written = fields.fields().get(key.name());
            if (written != null) {
                line(indent, key.name(), key.shape(), written.value());
            } else if (key.presence() == Key.Presence.DEFAULT && serves(group, key, values, fields)) {
                line(indent, key);
            }
        }
    }

    private <T> void put(Key<T> key, Value.Fields fields, Map<String, Object> values) {
        Value.Field written = fields.fields().get(key.name());
        T value = written == null
                ? key.absent(fields, KeyPath.ROOT, binding)
                : key.shape().bind(written.value(), KeyPath.ROOT, binding);
        if (value != null) {
            values.put(key.name(), value);
        }
    }

    /** Whether a key that isn't written could be: some are for nothing unless another one says so. */
    private static boolean serves(Group<?> group, Key<?> key, Map<String, Object> values, Value.Fields fields) {
        Map<String, Value.Field> with = new HashMap<>(fields.fields());
        with.put(key.name(), new Value.Field(fields.origin(), new Value.Empty(fields.origin())));
        Findings findings = new Findings();
        group.rule().judge(new Bound(values, new Value.Fields(with, fields.origin())), findings);
        return findings.all().stream().noneMatch(finding -> finding.key().equals(key.name()));
    }

    /** A key with its default. */
    private void line(String indent, Key<?> key) {
        yaml.append(indent).append(key.name()).append(':');
        String text = key.defaultText();
        if (text != null) {
            yaml.append(' ')
                    .append(text.startsWith("[") ? text : plainOrQuoted(text))
                    .append('\n');
        } else {
            yaml.append('\n');
            group((Group<?>) key.shape(), new Value.Fields(Map.of(), NOWHERE), indent + "  ");
        }
    }

    private void line(String indent, String name, Shape<?> shape, Value value) {
        yaml.append(indent).append(name).append(':');
        if (value instanceof Value.Text text) {
            yaml.append(' ').append(scalar(shape, text)).append('\n');
        } else if (value instanceof Value.Items items) {
            yaml.append('\n');
            Shape<?> element = shape instanceof Listing<?> listing
                    ? listing.element()
                    : ((WordOrList<?, ?>) shape).list().element();
            items.items().forEach(item -> item(indent + "  ", element, item));
        } else {
            yaml.append('\n');
            fields(indent + "  ", shape, (Value.Fields) value);
        }
    }

    private void fields(String indent, Shape<?> shape, Value.Fields fields) {
        if (shape instanceof Group<?> group) {
            group(group, fields, indent);
        } else {
            Shape<?> element = ((Naming<?>) shape).element();
            fields.fields().forEach((name, field) -> line(indent, name, element, field.value()));
        }
    }

    private void item(String indent, Shape<?> element, Value item) {
        if (item instanceof Value.Text text) {
            yaml.append(indent).append("- ").append(scalar(element, text)).append('\n');
            return;
        }
        int from = yaml.length();
        fields(indent + "  ", element, (Value.Fields) item);
        yaml.setCharAt(from + indent.length(), '-');
    }

    private String scalar(Shape<?> shape, Value.Text text) {
        if (shape instanceof Scalar<?> scalar && scalar.isSecret()) {
            return '"' + Scalar.HIDDEN + '"';
        }
        return plainOrQuoted(String.valueOf(binding.expand(text, KeyPath.ROOT)));
    }

    private static String plainOrQuoted(String text) {
        return PLAIN.matcher(text).matches() && !text.endsWith(":") ? text : quoted(text);
    }

    /** In double quotes, as YAML and JSON have them. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.replace("${", "$${").chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ' || (c >= 0x7f && c <= 0x9f)) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
