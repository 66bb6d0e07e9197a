// Replaces Monaco's diff editors, which are not used.
export class DiffEditorWidget {}
export class MultiDiffEditorWidget {}
