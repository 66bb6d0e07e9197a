// Stands in the place of Monaco's editors for differences, which nothing here opens.
export class DiffEditorWidget {}
export class MultiDiffEditorWidget {}
