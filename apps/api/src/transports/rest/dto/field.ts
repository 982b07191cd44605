import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/** The part of an OpenAPI schema that a field states about itself. */
export interface FieldSchema {
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly type?: string | (() => unknown);
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly isArray?: boolean;
  readonly items?: object;
  readonly oneOf?: readonly object[];
  readonly additionalProperties?: boolean;
  readonly required?: boolean;
}

type Words = Pick<FieldSchema, 'description' | 'example' | 'default'> & { readonly required?: boolean };

const fields = new Map<object, Map<string, FieldSchema>>();

/** What every decorated class says about its fields: the source of the OpenAPI document. */
export function describedFields(): ReadonlyMap<object, ReadonlyMap<string, FieldSchema>> {
  return fields;
}

/**
 * States a field once, for validation and for documentation. @nestjs/swagger's own decorators are not used here, so that
 * a server nobody asks for /docs does not load it.
 */
export function Field(schema: FieldSchema, ...validators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    let ofClass = fields.get(target);
    if (!ofClass) fields.set(target, (ofClass = new Map()));
    ofClass.set(String(property), { required: false, ...schema });
    for (const validator of validators) validator(target, property);
    // Absent is fine, null is not: what a client means by it would have to be guessed.
    if (!schema.required) ValidateIf((_, value) => value !== undefined)(target, property);
  };
}

export const Whole = (minimum: number, maximum: number, words: Words = {}) =>
  Field(
    { type: 'integer', minimum, maximum, ...words },
    IsInt({ message: '$property must be an integer' }),
    Min(minimum),
    Max(maximum),
  );

export const OneOf = (values: readonly string[], words: Words = {}) =>
  Field(
    { type: 'string', enum: values, ...words },
    IsIn([...values], { message: `$property must be one of ${values.join(', ')}` }),
  );

export const Flag = (words: Words = {}) =>
  Field({ type: 'boolean', ...words }, IsBoolean({ message: '$property must be true or false' }));

export const Text = (maxLength: number, words: Words = {}) =>
  Field({ type: 'string', ...words }, IsString({ message: '$property must be a string' }), MaxLength(maxLength));

export const Texts = (minItems: number, maxItems: number, words: Words = {}) =>
  Field(
    { type: 'array', items: { type: 'string' }, minItems, maxItems, ...words },
    IsArray({ message: '$property must be an array of strings' }),
    ArrayMinSize(minItems, { message: `$property must hold at least ${minItems} text` }),
    ArrayMaxSize(maxItems, { message: `$property must hold at most ${maxItems} texts` }),
    IsString({ each: true, message: 'each value in $property must be a string' }),
  );

export const Nested = (type: () => new () => object, words: Words = {}) =>
  Field(
    // Swagger knows a lazy type by the name of its function.
    { type: () => type(), ...words },
    IsObject({ message: '$property must be an object' }),
    ValidateNested({ message: '$property must be an object' }),
    Type(type),
  );
