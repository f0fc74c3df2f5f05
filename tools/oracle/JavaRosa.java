import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.javarosa.core.model.*;
import org.javarosa.core.model.data.*;
import org.javarosa.core.model.instance.*;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.*;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.*;

/**
 * Fill forms in with JavaRosa, the engine of ODK Collect, and tell what it stores.
 *
 * Each argument is a folder with form.xml and, optionally, steps.tsv (do, path, value). Written to
 * standard output, one record a line, tab separated: "form", folder; "look", choices by spaces;
 * "node", path, value, relevant, required, constraint holds; "error", message.
 */
public class JavaRosa {
    static FormDef form;
    static FormEntryController controller;

    public static void main(String[] folders) throws Exception {
        new XFormsModule().registerModule();
        new JavaRosaCoreModule().registerModule();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        for (String folder : folders) {
            out.println("form\t" + folder);
            try {
                fill(Path.of(folder), out);
            } catch (Throwable trouble) {
                out.println("error\t" + clean(String.valueOf(trouble)));
            }
        }
    }

    static String clean(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "");
    }

    static void fill(Path folder, PrintStream out) throws Exception {
        String xml = Files.readString(folder.resolve("form.xml"), StandardCharsets.UTF_8);
        form = new XFormParser(new StringReader(xml)).parse();
        form.initialize(true, new InstanceInitializationFactory());
        controller = new FormEntryController(new FormEntryModel(form));
        walk();
        Path steps = folder.resolve("steps.tsv");
        if (Files.exists(steps)) {
            for (String line : Files.readAllLines(steps, StandardCharsets.UTF_8)) {
                String[] parts = line.split("\t", -1);
                step(parts[0], parts[1], parts.length > 2 ? parts[2] : "", out);
                walk();
            }
        }
        leaves(form.getMainInstance().getRoot(), "/" + form.getMainInstance().getRoot().getName(), out);
    }

    static void walk() {
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event = 0; event != FormEntryController.EVENT_END_OF_FORM; ) {
            event = controller.stepToNextEvent();
            if (event == FormEntryController.EVENT_QUESTION) {
                FormEntryPrompt prompt = controller.getModel().getQuestionPrompt();
                int kind = prompt.getControlType();
                if (kind == Constants.CONTROL_SELECT_ONE || kind == Constants.CONTROL_SELECT_MULTI) prompt.getSelectChoices();
            }
        }
    }

    /** The index of the question or repeat at a path, whose repeats count from 1. */
    static FormIndex find(String path, int wanted) {
        StringBuilder seen = new StringBuilder(", but");
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event = 0; event != FormEntryController.EVENT_END_OF_FORM; ) {
            event = controller.stepToNextEvent();
            FormIndex index = controller.getModel().getFormIndex();
            if (index.getReference() != null) seen.append(" ").append(event).append(name(index.getReference()));
            if (index.getReference() == null || (wanted >= 0 && event != wanted)) continue;
            if (name(index.getReference()).equals(path)) return index;
        }
        throw new IllegalArgumentException("nothing on screen at " + path + seen);
    }

    static String name(TreeReference reference) {
        StringBuilder made = new StringBuilder();
        for (int i = 0; i < reference.size(); i++) {
            made.append("/").append(reference.getName(i));
            int turn = reference.getMultiplicity(i);
            if (i > 0 && repeated(reference.getSubReference(i))) made.append("[").append(turn + 1).append("]");
        }
        return made.toString();
    }

    static boolean repeated(TreeReference reference) {
        TreeElement template = form.getMainInstance().getTemplate(reference.genericize());
        return template != null && template.isRepeatable();
    }

    static void step(String what, String path, String value, PrintStream out) {
        if (what.equals("set")) {
            FormIndex index = find(path, FormEntryController.EVENT_QUESTION);
            QuestionDef question = controller.getModel().getQuestionPrompt(index).getQuestion();
            TreeElement node = form.getMainInstance().resolveReference(index.getReference());
            IAnswerData data = value.isEmpty() ? null : XFormAnswerDataParser.getAnswerData(value, node.getDataType(), question);
            controller.saveAnswer(index, data, true);
        } else if (what.equals("add")) {
            int turn = 1;
            while (true) {
                try {
                    FormIndex index = find(path + "[" + turn + "]", FormEntryController.EVENT_PROMPT_NEW_REPEAT);
                    controller.newRepeat(index);
                    return;
                } catch (IllegalArgumentException none) {
                    if (turn++ > 100) throw none;
                }
            }
        } else if (what.equals("remove")) {
            controller.deleteRepeat(find(path, FormEntryController.EVENT_REPEAT));
        } else if (what.equals("look")) {
            FormIndex index = find(path, FormEntryController.EVENT_QUESTION);
            List<String> names = new ArrayList<>();
            for (SelectChoice choice : controller.getModel().getQuestionPrompt(index).getSelectChoices()) names.add(choice.getValue());
            out.println("look\t" + String.join(" ", names));
        }
    }

    static void leaves(TreeElement node, String path, PrintStream out) {
        for (int i = 0; i < node.getNumChildren(); i++) {
            TreeElement child = node.getChildAt(i);
            if (child.getMult() == TreeReference.INDEX_TEMPLATE) continue;
            String here = path + "/" + child.getName() + (repeated(child.getRef()) ? "[" + (child.getMult() + 1) + "]" : "");
            if (child.getNumChildren() > 0) {
                leaves(child, here, out);
                continue;
            }
            IAnswerData data = child.getValue();
            Object stored = data == null ? "" : new XFormAnswerDataSerializer().serializeAnswerData(data, child.getDataType());
            boolean holds = data == null || form.evaluateConstraint(child.getRef(), data);
            out.println("node\t" + here + "\t" + clean(String.valueOf(stored)) + "\t" + child.isRelevant() + "\t" + child.isRequired() + "\t" + holds);
        }
    }
}
