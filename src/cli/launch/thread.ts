/** The file that scanning threads start with. */

import { launch } from "./bundle-script.js";

launch(__dirname, "worker.js");
