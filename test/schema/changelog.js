// Prints the changes of the schema from the release before a version to it, in Markdown.
import { changelogOf } from "./releases.js";

process.stdout.write(await changelogOf(process.argv[2]));
