import { build, install, requireNode } from './project.mjs';

requireNode();
install();
build();
