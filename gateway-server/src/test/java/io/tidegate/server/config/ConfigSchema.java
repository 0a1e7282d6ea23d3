package io.tidegate.server.config;

import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Naming;
import io.tidegate.server.config.key.Scalar;
import io.tidegate.server.config.key.Shape;
import io.tidegate.server.config.key.WordOrList;
import java.math.BigInteger;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes {@code docs/schema.json}, a JSON Schema 2020-12, from the key definitions. */
final class ConfigSchema {

    private static final String FROM_ENVIRONMENT = "#/$defs/fromEnvironment";

    private final JsonMapper json = JsonMapper.builder().build();

    private ConfigSchema() {}

    static String write() {
        ConfigSchema writer = new ConfigSchema();
        ObjectNode root = writer.json.createObjectNode();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", "Tidegate configuration");
        root.setAll(writer.shape(ConfigKeys.GATEWAY));
        ObjectNode reference = root.putObject("$defs").putObject("fromEnvironment");
        reference.put("description", "A text with ${NAME} or ${NAME:-default} in it, which stand for variables.");
        reference.put("type", "string");
        reference.put("pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-.*)?\\}");
        return writer.json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private ObjectNode shape(Shape<?> shape) {
        if (shape instanceof Group<?> group) {
            return group(group);
        }
        ObjectNode node = json.createObjectNode();
        if (shape instanceof Listing<?> listing) {
            node.put("type", "array").put("minItems", 1);
            node.set("items", shape(listing.element()));
        } else if (shape instanceof Naming<?> naming) {
            node.put("type", "object").put("minProperties", 1);
            node.putObject("propertyNames").put("pattern", Naming.NAME_PATTERN);
            node.set("additionalProperties", shape(naming.element()));
        } else if (shape instanceof Scalar<?> scalar) {
            scalar(scalar, node.putArray("anyOf"));
        } else if (shape instanceof WordOrList<?, ?> either) {
            ArrayNode anyOf = node.putArray("anyOf");
            scalar(either.word(), anyOf);
            anyOf.add(shape(either.list()));
        }
        return node;
    }

    private ObjectNode group(Group<?> group) {
        ObjectNode node = json.createObjectNode();
        node.put("type", "object");
        ObjectNode properties = node.putObject("properties");
        ArrayNode required = json.createArrayNode();
        for (Key<?> key : group.keys()) {
            ObjectNode property = json.createObjectNode();
            property.put("description", key.doc());
            putDefault(property, key);
            property.setAll(shape(key.shape()));
            properties.set(key.name(), property);
            if (key.presence() == Key.Presence.REQUIRED) {
                required.add(key.name());
            }
        }
        if (!required.isEmpty()) {
            node.set("required", required);
        }
        return node.put("additionalProperties", false);
    }

    private void putDefault(ObjectNode property, Key<?> key) {
        String text = key.defaultText();
        if (text != null
                && key.shape() instanceof Scalar<?> scalar
                && scalar.syntax().number()
                && text.matches("[0-9]+")) {
            property.put("default", new BigInteger(text));
        } else if (text != null && text.startsWith("[")) {
            property.set("default", json.readTree(text));
        } else if (text != null && key.shape() instanceof Scalar<?> scalar && isFlag(scalar)) {
            property.put("default", Boolean.parseBoolean(text));
        } else if (text != null) {
            property.put("default", text);
        }
    }

    private static boolean isFlag(Scalar<?> scalar) {
        return scalar.syntax().equals(Scalar.Syntax.flag());
    }

    private static void scalar(Scalar<?> scalar, ArrayNode anyOf) {
        Scalar.Syntax syntax = scalar.syntax();
        if (!syntax.choices().isEmpty()) {
            ArrayNode choices = anyOf.addObject().putArray("enum");
            syntax.choices().forEach(choices::add);
            if (isFlag(scalar)) {
                anyOf.addObject().put("type", "boolean");
            }
        } else {
            if (syntax.number()) {
                anyOf.addObject().put("type", "integer").put("minimum", 0);
            }
            anyOf.addObject().put("type", "string").put("pattern", syntax.pattern());
        }
        anyOf.addObject().put("$ref", FROM_ENVIRONMENT);
    }
}
