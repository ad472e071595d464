/** A requested operation: its variables and its cost. */
import type { DocumentNode, GraphQLSchema, getVariableValues } from 'graphql';

export interface Operation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Record<string, unknown> | null | undefined;
}

export type Variables = NonNullable<ReturnType<typeof getVariableValues>['variableValues']>;

/** The items that a response may hold. A document beyond `maximum` is refused. */
export interface Cost {
  requested: number;
  maximum: number;
}
