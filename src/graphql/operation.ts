/** An operation that was asked for: its variables, and what it may cost. */
import type { DocumentNode, GraphQLSchema, getVariableValues } from 'graphql';

export interface Operation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Record<string, unknown> | null | undefined;
}

export type Variables = NonNullable<ReturnType<typeof getVariableValues>['variableValues']>;

/** In items that an answer may hold. `maximum`: beyond it the document is refused. */
export interface Cost {
  requested: number;
  maximum: number;
}
