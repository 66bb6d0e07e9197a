import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema/actions/api.graphql',
  documents: 'src/**/*.ts',
  generates: {
    'src/graphql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { ObjectID: 'string', ClusterName: 'string', DateTime: 'string', Long: 'number' },
        strictScalars: true,
      },
    },
  },
};

export default config;
